"""What is wanted: the standing needs 需求 of processors, each with its gate price."""
