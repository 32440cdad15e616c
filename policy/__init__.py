"""Energy, carbon and rules, with their sources. Knows nothing of torch, gradio or genai_core."""
