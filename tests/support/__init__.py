"""What the tests lean on: private servers and builders."""
