"""Time stamps 时间戳: who says that a text existed at a moment (RFC 3161)."""
