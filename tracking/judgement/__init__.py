"""What the positions of a vehicle say of its way, judged the same in whatever order they came."""
