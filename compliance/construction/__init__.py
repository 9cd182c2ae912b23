"""Construction waste 建筑垃圾: the filed treatment plan, where it may go, in which vehicles, load by load."""
