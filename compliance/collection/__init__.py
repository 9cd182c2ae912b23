"""Collection 回收: what households and small givers hand in, until it leaves as part of a lot."""
