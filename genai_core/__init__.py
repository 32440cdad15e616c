"""Generative models, data and metrics. Knows nothing of gradio, of the tabs, or of policy."""
