"""Google's Gemini API (`generateContent`), as a client speaks it and as a provider speaks it.

Model and streaming stand in the URL (`models/{model}:streamGenerateContent?alt=sse`): a request read here has neither,
and the gateway sets both. A provider's field names are camelCase; clients send snake_case too, even in one body.
"""
