"""The board as a web page: rows, ranking, HTML and the Gradio app."""
