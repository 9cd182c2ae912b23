"""The profiles 类别: what each family of waste asks on top of the one core of lots, manifests and ledgers."""
