"""What a dataset folder says about itself: the card for people, Croissant for programs, both made from the build."""
