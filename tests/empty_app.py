"""The least a Gradio app can be: what the start-up of ours is compared with."""

import gradio as gr

with gr.Blocks() as EMPTY:
    pass

if __name__ == "__main__":
    EMPTY.launch()
