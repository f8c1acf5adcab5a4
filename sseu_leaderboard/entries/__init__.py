"""The board's rows: from submissions and the paper, over prompt sets, ranked, and the view a reader chose."""
