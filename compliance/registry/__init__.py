"""Who takes part: organisations, their sites, people, roles and licences."""
