"""The record and the law: who may do what, what was signed, and the chain that proves it."""
