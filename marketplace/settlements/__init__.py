"""What is owed: settlements 结算 on measured mass, in a double-entry journal of integer fen."""
