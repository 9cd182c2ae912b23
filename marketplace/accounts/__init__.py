"""Who may come in: logins, sessions, API tokens."""
