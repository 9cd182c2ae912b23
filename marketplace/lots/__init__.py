"""What is to be taken away: lots 批次, listed by the producers who hold them."""
