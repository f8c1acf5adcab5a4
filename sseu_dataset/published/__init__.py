"""What a dataset's repository on the Hub says beside the dataset: which of its versions may still be used."""
