"""How does an agent run as a process of its own: its files, its enrolment, its log, its signals?"""
