"""Case files 投诉举报: what somebody complained of, who looked into it, and what was answered in time."""
