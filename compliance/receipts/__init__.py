"""The receipt 接收确认: what arrived, by whose weight, and whether both ends agree."""
