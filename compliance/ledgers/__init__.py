"""The ledgers 台账 that the law wants of who produces waste, the plan, and what is declared from them."""
