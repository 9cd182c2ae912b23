"""What happened to the demonstration's parties before the first visitor came: papers, books, the desk."""
