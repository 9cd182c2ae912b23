"""Leave to cross a province's border 跨省转移: applied for, filed or reported, drawn down load by load."""
