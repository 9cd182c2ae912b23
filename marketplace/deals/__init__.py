"""What was agreed: deals 成交 between a producer, a processor and a carrier."""
