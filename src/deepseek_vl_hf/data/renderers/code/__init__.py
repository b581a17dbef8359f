"""Source code in editors, terminals and on slides, and small programs with what they print."""
