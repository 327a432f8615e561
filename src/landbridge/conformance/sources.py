"""Where rules come from: the defects users reported of gateways and local servers, by number."""

from __future__ import annotations

PROTOCOL = "protocol"
CLIENT = "client"
SDK = "SDK"
GENAI = "google-genai"
CODEX = "Codex"
OPENAI = "OpenAI API"
HTTP = "HTTP"
TRANSLATOR = "CLIProxyAPI"

NAMES: dict[str, str] = {
    PROTOCOL: "Anthropic's published gateway protocol and the streaming documentation of its platform",
    CLIENT: "measured: what Claude Code 2.1.197 to 2.1.330 does with the answer",
    SDK: "Anthropic's SDKs for Python and JavaScript",
    CODEX: "what Codex 0.169.0 sends",
    GENAI: "Google's SDK for Python, and Gemini CLI 0.61.0",
    OPENAI: "OpenAI's API reference",
    HTTP: "RFC 9110 and RFC 9112",
    TRANSLATOR: "titles of fixes in the history of CLIProxyAPI's translators",
}
"""Who asks for a rule that no report stands behind."""

REPORTS: dict[int, str] = {
    1: "BerriAI/litellm#13373, #14315",
    2: "BerriAI/litellm#30765",
    3: "BerriAI/litellm#25321",
    4: "BerriAI/litellm#32357",
    5: "ollama/ollama#17225",
    6: "llama.cpp's Messages endpoint",
    7: "decolua/9router#1778, #1779",
    8: "seifghazi/claude-code-proxy#32",
    9: "router-for-me/CLIProxyAPI#3996, #3997",
    10: "router-for-me/CLIProxyAPI#5717",
    11: "BerriAI/litellm#41826",
    12: "aattaran/deepclaude#18",
    13: "ding113/claude-code-hub#916",
    14: "Sunnyender-org/cursor-sdk2api#25",
    15: "musistudio/claude-code-router, commit 79f48c00",
    16: "mostlygeek/llama-swap#295",
    17: "olla, commit of 2026-06-13",
    18: "router-for-me/CLIProxyAPI, commits of 2026-08-03 and 2026-08-05",
    19: "anthropics/claude-code#20222",
    20: "langwatch/langwatch#6184",
    21: "sgl-project/sglang#39782",
    22: "huggingface/smolagents#1958, mcowger/plexus#691",
    23: "QwenLM/Qwen-Agent#943, crmne/ruby_llm#710",
    24: "vLLM's Messages endpoint",
    25: "envoyproxy/ai-gateway#1465",
    26: "cloudwego/eino-ext#238, #462, labring/FastGPT#4754",
    27: "maximhq/bifrost#1354",
    28: "decolua/9router#1280, diegosouzapw/OmniRoute#2935",
    29: "anthropics/claude-code#67765",
    30: "cline/cline#11473",
    31: "decolua/9router#3369",
    32: "anthropics/claude-code#1237, router-for-me/CLIProxyAPI#497, #989",
    33: "router-for-me/CLIProxyAPI, commits of 2026-03-06 and 2026-05-18",
    34: "BerriAI/litellm#15315",
    35: "1rgs/claude-code-proxy#88, automazeio/vibeproxy#338",
    40: "BerriAI/litellm-docs#993, nguyenphutrong/quotio#529",
    42: "ollama/ollama#16372, vllm-project/vllm#44000",
    43: "ollama/ollama#17918, #17757, #17855",
    44: "router-for-me/CLIProxyAPI#5422",
    45: "NomaDamas/CozyClay#403",
    46: "anthropics/claude-code#21612, #39589, BerriAI/litellm#26240",
    47: "BerriAI/litellm#20021",
    49: "router-for-me/CLIProxyAPI#512",
    50: "BerriAI/litellm#22997",
    51: "musistudio/claude-code-router#972, #1378",
    52: "free-claude-code#223, farion1231/cc-switch#2331, SaladDay/cc-switch-cli#169",
    53: "Antigravity-Manager#139",
    54: "router-for-me/CLIProxyAPI#570, #2172",
    55: "vybestack/llxprt-code#2335",
    57: "NanmiCoder/cc-haha#1278",
    58: "router-for-me/CLIProxyAPI, commit of 2026-08-04",
    59: "Ollama, llama.cpp, vLLM and CLIProxyAPI's code",
    60: "Ollama and llama.cpp's code",
    61: "BerriAI/litellm#26131, musistudio/claude-code-router#4",
    62: "vllm-project/vllm#38738",
    63: "anthropics/claude-code#24451, fakerybakery/openbridge#1",
    64: "router-for-me/CLIProxyAPI, commits of 2026-08-18 and 2026-08-21",
    65: "free-claude-code#263, #391, omlx#26",
    67: "ollama/ollama#8099, musistudio/claude-code-router#790",
    69: "BerriAI/litellm#24176",
    70: "vllm-project/vllm#49456",
    71: "BerriAI/litellm#31069, #28354, #36091",
    72: "mozilla-ai/any-llm#622",
    74: "BerriAI/litellm#30043, musistudio/claude-code-router#1252",
    75: "router-for-me/CLIProxyAPI#679, #709, BerriAI/litellm#12056",
    76: "olla, commit of 2026-06-14",
    77: "waybarrios/vllm-mlx#277, sgl-project/sglang#21064, ollama/ollama#14918",
    80: "NousResearch/hermes-agent#18547, sterlp/eclipse-peon-ai#60",
    81: "Wei-Shaw/claude-relay-service#1114",
    82: "anthropics/claude-code#35327, free-claude-code#74, #219",
    85: "BerriAI/litellm#30244, #37140, #36123, #30223",
    88: "musistudio/claude-code-router, commit 54671900",
    90: "mostlygeek/llama-swap#889",
    99: "musistudio/claude-code-router, commits 174ab418 and 1b7971f8",
    100: "web firewalls in front of providers",
}
"""Number -> who reported it, or whose code shows it."""
