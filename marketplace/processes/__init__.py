"""Which processes make up an instance? One module each, so that none imports what another needs."""
