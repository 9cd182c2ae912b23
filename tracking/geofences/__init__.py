"""Sites' boundaries and restricted areas on the ground."""
