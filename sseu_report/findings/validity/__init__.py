"""What scores depend on beside the system: the speakers and sentences heard, and the labels they are held against."""
