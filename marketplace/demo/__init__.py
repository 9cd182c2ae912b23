"""The demonstration world: invented parties on real ground, with simulated devices and colleagues."""
