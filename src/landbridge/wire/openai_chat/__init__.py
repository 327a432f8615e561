"""OpenAI Chat Completions, as a client speaks it and as a provider speaks it.

Also the dialect of DeepSeek, Groq, Mistral, OpenRouter, vLLM, llama.cpp and most others; where they differ the
readers take every form that has been seen, and the writers follow the target's `Traits`. No provider is named in
code.
"""
