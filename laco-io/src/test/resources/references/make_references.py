"""Makes tiny random checkpoints of what the fixtures leave out, with the numbers that transformers computes for them.

Needs torch and transformers 5. Run in this directory; every folder, or those that are named, is written anew, in the
fixtures' format without search cases.
"""

import json
import pathlib
import shutil
import sys
import zlib

import torch
import transformers
from safetensors.torch import save_file

SIZES = dict(
    vocab_size=64, hidden_size=32, intermediate_size=40, num_hidden_layers=4, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=64,
)
MAMBA2 = dict(
    mamba_n_heads=8, mamba_expand=2, mamba_d_state=6, mamba_d_conv=3, mamba_n_groups=2, mamba_chunk_size=8,
    mamba_proj_bias=True, rms_norm_eps=1e-3,
)
ROUTED = dict(
    n_routed_experts=4, n_shared_experts=1, num_experts_per_tok=2, n_group=1, topk_group=1, moe_intermediate_size=16,
    routed_scaling_factor=1.5,
)
MULTIPLIERS = dict(
    lm_head_multiplier=0.3, embedding_multiplier=2.5, mlp_multipliers=[0.8, 0.4], key_multiplier=0.7,
    attention_out_multiplier=0.9, attention_in_multiplier=1.2, ssm_multipliers=[0.35, 0.25, 0.18, 0.5, 0.31],
    ssm_in_multiplier=1.3, ssm_out_multiplier=0.24,
)
LATENT = dict(
    num_key_value_heads=4, q_lora_rank=12, kv_lora_rank=8, qk_nope_head_dim=6, qk_rope_head_dim=4, rms_norm_eps=1e-3)
GRANITE = dict(
    rms_norm_eps=1e-3, embedding_multiplier=3.0, logits_scaling=2.0, residual_multiplier=0.4, attention_multiplier=0.2)
MIXTURE = dict(num_local_experts=6, num_experts_per_tok=3, intermediate_size=16, shared_intermediate_size=24)
EXPERTS = dict(num_experts_per_tok=3, moe_intermediate_size=16, rms_norm_eps=1e-3)
GPTJ = dict(vocab_size=64, n_embd=32, n_layer=4, n_head=4, n_positions=64, layer_norm_epsilon=1e-3)
# name: (config class, keys beside the sizes, keys of the sizes to leave out, kinds of the layers)
MODELS = {
    "gemma": ("GemmaConfig", dict(head_dim=12, hidden_act="gelu", tie_word_embeddings=True), (), None),
    "internlm3": ("InternLM3Config", dict(head_dim=12, qkv_bias=True, bias=True, pad_token_id=0), (), None),
    "cwm": (
        "CwmConfig", dict(head_dim=12, sliding_window=5, max_position_embeddings=64), (),
        ["full", "sliding", "sliding", "sliding"]),
    "llama_dynamic": (
        "LlamaConfig",
        dict(max_position_embeddings=8, rope_scaling={"type": "dynamic", "factor": 4.0}, rope_theta=5000.0), (), None),
    "llama_longrope": (
        "LlamaConfig",
        dict(rope_parameters={
            "rope_type": "longrope", "rope_theta": 10000.0, "factor": 8.0, "original_max_position_embeddings": 8,
            "short_factor": [1.0, 1.1, 1.2, 1.3], "long_factor": [1.5, 2.0, 3.0, 4.0]}), (), None),
    "llama_yarn_weighted": (
        "LlamaConfig",
        dict(rope_parameters={
            "rope_type": "yarn", "rope_theta": 10000.0, "factor": 8.0, "original_max_position_embeddings": 8,
            "mscale": 0.7, "mscale_all_dim": 0.3, "beta_fast": 16, "beta_slow": 2, "truncate": False}), (), None),
    "mistral_full": ("MistralConfig", dict(sliding_window=None), (), None),
    "mixtral_sliding": (
        "MixtralConfig", dict(sliding_window=5, num_local_experts=6, num_experts_per_tok=3), (), None),
    "qwen3_moe_steps": (
        "Qwen3MoeConfig",
        dict(head_dim=12, num_experts=6, num_experts_per_tok=3, moe_intermediate_size=16, norm_topk_prob=False,
             decoder_sparse_step=2, mlp_only_layers=[]), (), ["dense", "experts", "dense", "experts"]),
    "smollm3_sliding": (
        "SmolLM3Config",
        dict(use_sliding_window=True, sliding_window=5, no_rope_layer_interval=2, pad_token_id=0, bos_token_id=1,
             eos_token_id=2), (), ["rotary", "none", "rotary", "none"]),
    "stablelm_parallel": (
        "StableLmConfig", dict(use_parallel_residual=True, use_qkv_bias=False, rope_parameters={
            "rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.5}), (), None),
    "falcon_sequential": (
        "FalconConfig", dict(parallel_attn=False, multi_query=False, bias=True),
        ("num_key_value_heads", "intermediate_size"), None),
    "falcon_one_norm": (
        "FalconConfig", dict(new_decoder_architecture=True, num_kv_heads=2, num_ln_in_parallel_attn=1),
        ("num_key_value_heads", "intermediate_size"), None),
    "gpt2_unscaled": (
        "GPT2Config",
        dict(vocab_size=64, n_embd=32, n_layer=4, n_head=4, n_positions=64, scale_attn_weights=False,
             activation_function="relu"), tuple(SIZES), None),
    "opt_plain": (
        "OPTConfig", dict(ffn_dim=40, enable_bias=False, layer_norm_elementwise_affine=False, pad_token_id=0),
        ("num_key_value_heads", "intermediate_size"), None),
    "olmo": ("OlmoConfig", dict(attention_bias=True, rope_theta=5000.0), (), None),
    "bloom": (
        "BloomConfig", dict(vocab_size=64, hidden_size=24, n_layer=4, n_head=6, layer_norm_epsilon=1e-3),
        tuple(SIZES), None),
    "gpt_bigcode": (
        "GPTBigCodeConfig",
        dict(vocab_size=64, n_embd=32, n_layer=4, n_head=4, n_positions=64, n_inner=40, layer_norm_epsilon=1e-3),
        tuple(SIZES), None),
    "gpt_bigcode_many_heads": (
        "GPTBigCodeConfig",
        dict(vocab_size=64, n_embd=32, n_layer=4, n_head=4, n_positions=64, n_inner=40, layer_norm_epsilon=1e-3,
             multi_query=False, scale_attn_weights=False), tuple(SIZES), None),
    "mpt": (
        "MptConfig",
        dict(vocab_size=64, d_model=24, n_layers=4, n_heads=6, max_seq_len=64, layer_norm_epsilon=1e-3,
             attn_config={"softmax_scale": 0.3, "clip_qkv": 0.8}), tuple(SIZES), None),
    "olmo_clipped": ("OlmoConfig", dict(clip_qkv=0.8), (), None),
    "gptj": ("GPTJConfig", GPTJ | dict(rotary_dim=4, n_inner=40), tuple(SIZES), None),
    "codegen": ("CodeGenConfig", GPTJ | dict(n_head=8, rotary_dim=4), tuple(SIZES), None),
    "gpt_neo": (
        "GPTNeoConfig",
        dict(vocab_size=64, hidden_size=32, num_layers=4, num_heads=4, max_position_embeddings=64, window_size=5,
             attention_types=[[["global", "local"], 1], [["local"], 2]], layer_norm_epsilon=1e-3), tuple(SIZES),
        ["full", "sliding", "sliding", "sliding"]),
    "persimmon": (
        "PersimmonConfig", dict(layer_norm_eps=1e-3, pad_token_id=0, rope_parameters={
            "rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.5}),
        ("num_key_value_heads",), None),
    "mamba": (
        "MambaConfig",
        dict(vocab_size=64, hidden_size=24, num_hidden_layers=3, state_size=6, layer_norm_epsilon=1e-3, use_bias=True),
        tuple(SIZES), None),
    "mamba2": (
        "Mamba2Config",
        dict(vocab_size=64, hidden_size=24, num_hidden_layers=3, num_heads=6, head_dim=8, state_size=5, n_groups=2,
             chunk_size=8, layer_norm_epsilon=1e-3, use_conv_bias=False, time_step_limit=(0.3, 0.9)),
        tuple(SIZES), None),
    "falcon_mamba": (
        "FalconMambaConfig",
        dict(vocab_size=64, hidden_size=40, num_hidden_layers=3, state_size=6, layer_norm_epsilon=1e-3,
             mixer_rms_eps=1e-3, conv_kernel=3, tie_word_embeddings=False), tuple(SIZES), None),
    "bamba": (
        "BambaConfig",
        MAMBA2 | dict(attn_layer_indices=[1], attention_bias=True, mlp_bias=True, rope_theta=5000.0, pad_token_id=0),
        (), ["linear", "full", "linear", "linear"]),
    "falcon_h1": (
        "FalconH1Config", MAMBA2 | MULTIPLIERS | dict(mamba_d_ssm=40, mamba_n_heads=4, num_hidden_layers=3), (), None),
    "falcon_h1_normed": (
        "FalconH1Config",
        MAMBA2 | dict(mamba_d_ssm=None, mamba_rms_norm=True, mamba_norm_before_gate=False, num_hidden_layers=2,
                      tie_word_embeddings=True, attention_bias=True, mlp_bias=True, projectors_bias=True), (), None),
    "falcon_h1_normed_first": (
        "FalconH1Config",
        MAMBA2 | dict(mamba_d_ssm=40, mamba_n_heads=4, mamba_rms_norm=True, num_hidden_layers=2), (), None),
    "jamba": (
        "JambaConfig",
        dict(mamba_d_state=6, mamba_d_conv=3, attn_layer_period=3, attn_layer_offset=1, expert_layer_period=2,
             expert_layer_offset=1, num_experts=4, num_experts_per_tok=2, mamba_proj_bias=True, mamba_dt_rank=5),
        (), ["linear dense", "full experts", "linear dense", "linear experts"]),
    "lfm2_moe": (
        "Lfm2MoeConfig",
        dict(norm_eps=1e-3, num_experts=4, num_experts_per_tok=2, num_dense_layers=1, moe_intermediate_size=16,
             routed_scaling_factor=1.5, conv_bias=True, layer_types=["conv", "conv", "full_attention", "conv"]),
        (), ["conv dense", "conv experts", "full experts", "conv experts"]),
    "iquestcoder": ("IQuestCoderConfig", dict(head_dim=12, attention_bias=True, mlp_bias=True, rms_norm_eps=1e-3), (), None),
    "exaone": ("ExaoneConfig", dict(head_dim=12, attention_bias=True, rms_norm_eps=1e-3), (), None),
    "hyperclovax": (
        "HyperCLOVAXConfig", GRANITE | dict(attention_multiplier=None, logits_scaling=0.5, mlp_bias=True), (), None),
    "jais2": ("Jais2Config", dict(head_dim=12, layer_norm_eps=1e-3), (), None),
    "vaultgemma": (
        "VaultGemmaConfig",
        dict(head_dim=12, sliding_window=5, query_pre_attn_scalar=20, attn_logit_softcapping=2.0,
             final_logit_softcapping=3.0, rms_norm_eps=1e-3), (), ["sliding", "full", "sliding", "full"]),
    "granitemoeshared": (
        "GraniteMoeSharedConfig",
        GRANITE | MIXTURE, (), None),
    "granite_swa": (
        "GraniteSWAConfig",
        GRANITE | dict(sliding_window=5, layer_rope_theta=[10000.0, 500.0, 10000.0, 0]), (),
        ["full", "sliding, 500", "sliding", "sliding, none"]),
    "granitemoe_swa": (
        "GraniteMoeSWAConfig",
        GRANITE | MIXTURE | dict(sliding_window=5), (),
        ["full", "sliding", "sliding", "sliding"]),
    "openai_gpt": (
        "OpenAIGPTConfig", dict(vocab_size=64, n_embd=32, n_layer=4, n_head=4, n_positions=64, layer_norm_epsilon=1e-3),
        tuple(SIZES), None),
    "biogpt": ("BioGptConfig", dict(), ("num_key_value_heads",), None),
    "minicpm3": ("MiniCPM3Config", LATENT | dict(dim_model_base=16, scale_emb=3), (), None),
    "youtu": ("YoutuConfig", LATENT | dict(v_head_dim=6, attention_bias=True), (), None),
    "flex_olmo": (
        "FlexOlmoConfig",
        dict(num_experts=6, num_experts_per_tok=3, norm_topk_prob=True, intermediate_size=16, rms_norm_eps=1e-3,
             pad_token_id=0, eos_token_id=2), (), None),
    "solar_open": (
        "SolarOpenConfig",
        EXPERTS | dict(head_dim=12, attention_bias=True, n_routed_experts=6, n_shared_experts=2, n_group=3, topk_group=2,
                       routed_scaling_factor=1.5), ("intermediate_size",), None),
    "dots1": (
        "Dots1Config",
        EXPERTS | dict(n_routed_experts=6, n_shared_experts=1, first_k_dense_replace=1, routed_scaling_factor=1.5,
                       norm_topk_prob=True, sliding_window=5, max_window_layers=2), (),
        ["dense", "full", "sliding", "sliding"]),
    "axk1": (
        "AXK1Config",
        EXPERTS | LATENT | dict(v_head_dim=6, n_routed_experts=6, n_group=2, topk_group=1, first_k_dense_replace=2,
                                bos_token_id=1, eos_token_id=2), (), ["dense", "dense", "experts", "experts"]),
    "sarvam_mla": (
        "SarvamMLAConfig",
        EXPERTS | LATENT | dict(v_head_dim=6, q_lora_rank=None, n_routed_experts=6, routed_scaling_factor=1.5,
                                rope_parameters={
                                    "rope_type": "yarn", "rope_theta": 10000.0, "factor": 8.0, "mscale": 1.0,
                                    "mscale_all_dim": 1.0, "original_max_position_embeddings": 8}), (),
        ["dense", "experts", "experts", "experts"]),
    "exaone_moe": (
        "ExaoneMoeConfig",
        EXPERTS | dict(num_experts=6, num_shared_experts=2, n_group=3, topk_group=2, sliding_window=5,
                       sliding_window_pattern=2), (),
        ["sliding, dense", "full", "sliding", "full"]),
    "hunyuan_v1_moe": (
        "HunYuanMoEV1Config",
        dict(head_dim=12, num_experts=6, moe_topk=[3, 3, 2, 3], intermediate_size=16, rms_norm_eps=1e-3), (),
        ["3", "3", "2", "3"]),
    "hy_v3": (
        "HYV3Config", EXPERTS | dict(head_dim=12, num_experts=6, num_shared_experts=2, mlp_bias=True), (),
        ["dense", "experts", "experts", "experts"]),
    "mellum": (
        "MellumConfig",
        EXPERTS | dict(head_dim=12, num_experts=6, sliding_window=5,
                       layer_types=["full_attention"] + ["sliding_attention"] * 3,
                       mlp_layer_types=["sparse", "sparse", "dense", "sparse"]), (),
        ["full", "sliding", "dense", "sliding"]),
    "ernie4_5_moe": (
        "Ernie4_5_MoeConfig",
        EXPERTS | dict(moe_num_experts=6, moe_k=3, tie_word_embeddings=False), (),
        ["dense", "experts", "experts", "experts"]),
    "apertus": (
        "ApertusConfig",
        dict(head_dim=12, attention_bias=True, rms_norm_eps=1e-3, pad_token_id=0, rope_parameters={
            "rope_type": "llama3", "rope_theta": 5000.0, "factor": 4.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 16}), (), None),
    "afmoe": (
        "AfmoeConfig",
        EXPERTS | dict(head_dim=12, num_experts=6, num_dense_layers=1, num_shared_experts=2, route_scale=1.5,
                       global_attn_every_n_layers=2, sliding_window=5, mup_enabled=True), (),
        ["sliding, dense", "full", "sliding", "full"]),
    "phimoe": (
        "PhimoeConfig",
        dict(num_local_experts=6, intermediate_size=16, router_jitter_noise=0.3, lm_head_bias=True, attention_bias=True,
             rms_norm_eps=1e-3), (), None),
    "phimoe_longrope": (
        "PhimoeConfig",
        dict(num_local_experts=3, intermediate_size=16, sliding_window=5, rms_norm_eps=1e-3, rope_parameters={
            "rope_type": "longrope", "rope_theta": 10000.0, "original_max_position_embeddings": 32,
            "short_factor": [1.0, 1.1, 1.2, 1.3], "long_factor": [1.5, 2.0, 3.0, 4.0], "short_mscale": 1.2,
            "long_mscale": 1.2}), (), None),
    "sarvam_moe": (
        "SarvamMoEConfig",
        EXPERTS | dict(head_dim=12, n_routed_experts=6, n_group=3, topk_group=2, attention_bias=True, pad_token_id=0), (),
        ["dense", "experts", "experts", "experts"]),
    "cohere2_moe": (
        "Cohere2MoeConfig",
        dict(head_dim=12, num_experts=6, num_experts_per_tok=3, num_shared_experts=2, expert_selection_fn="sigmoid",
             first_k_dense_replace=1, intermediate_size=16, prefix_dense_intermediate_size=40, sliding_window=5,
             sliding_window_pattern=2, logit_scale=0.5, layer_norm_eps=1e-3, bos_token_id=1, eos_token_id=2), (),
        ["dense", "sliding", "full", "sliding"]),
    "nanochat": (
        "NanoChatConfig", dict(rms_norm_eps=1e-3, final_logit_softcapping=2.0, intermediate_size=40), (), None),
    "glm": ("GlmConfig", dict(head_dim=12, attention_bias=True, rms_norm_eps=1e-3, pad_token_id=0), (), None),
    "ernie4_5": ("Ernie4_5Config", dict(head_dim=12, use_bias=True, rms_norm_eps=1e-3), (), None),
    "seed_oss": (
        "SeedOssConfig", dict(head_dim=12, attention_bias=True, attention_out_bias=False, mlp_bias=True), (), None),
    "helium": ("HeliumConfig", dict(head_dim=8, attention_bias=True, rms_norm_eps=1e-3), (), None),
    "arcee": ("ArceeConfig", dict(head_dim=12, mlp_bias=True), (), None),
    "ministral": (
        "MinistralConfig",
        dict(head_dim=12, sliding_window=5, layer_types=["full_attention"] + ["sliding_attention"] * 3), (),
        ["full", "sliding", "sliding", "sliding"]),
    "glm4_moe": (
        "Glm4MoeConfig",
        ROUTED | dict(head_dim=12, attention_bias=True, use_qk_norm=True, first_k_dense_replace=1), (),
        ["dense", "experts", "experts", "experts"]),
    "glm4_moe_lite": (
        "Glm4MoeLiteConfig",
        ROUTED | dict(q_lora_rank=10, kv_lora_rank=8, qk_nope_head_dim=6, qk_rope_head_dim=4, v_head_dim=7,
                       num_key_value_heads=4, mlp_layer_types=["dense"] + ["sparse"] * 3), (),
        ["dense", "experts", "experts", "experts"]),
    "minimax_m2": (
        "MiniMaxM2Config",
        dict(head_dim=12, rotary_dim=6, num_local_experts=4, num_experts_per_tok=2, intermediate_size=16), (), None),
    "qwen3_5_moe_text": (
        "Qwen3_5MoeTextConfig",
        dict(head_dim=16, num_experts=4, num_experts_per_tok=2, moe_intermediate_size=16,
             shared_expert_intermediate_size=16, linear_num_key_heads=2, linear_num_value_heads=4,
             linear_key_head_dim=6, linear_value_head_dim=6, num_hidden_layers=3, rms_norm_eps=1e-3,
             layer_types=["linear_attention", "full_attention", "linear_attention"]), (), ["linear", "full", "linear"]),
    "recurrent_gemma": (
        "RecurrentGemmaConfig",
        dict(hidden_size=48, lru_width=40, intermediate_size=80, attention_window_size=5, conv1d_width=3,
             logits_soft_cap=2.0, rms_norm_eps=1e-3, attention_bias=True, block_types=["recurrent", "attention"],
             num_hidden_layers=4, num_key_value_heads=1, pad_token_id=0), (),
        ["recurrent", "attention", "recurrent", "attention"]),
    "kimi_k2": (
        "DeepseekV3Config",
        LATENT | ROUTED | dict(v_head_dim=6, first_k_dense_replace=1, rope_parameters={
            "rope_type": "yarn", "rope_theta": 5000.0, "factor": 8.0, "mscale": 1.0, "mscale_all_dim": 1.0,
            "beta_fast": 1.0, "beta_slow": 1.0, "original_max_position_embeddings": 8}), (),
        ["dense", "experts", "experts", "experts"]),
    "qwen2_vl_text": (
        "Qwen2VLConfig",
        dict(rms_norm_eps=1e-3, pad_token_id=0, bos_token_id=1, eos_token_id=2, tie_word_embeddings=False,
             rope_parameters={"rope_type": "default", "rope_theta": 5000.0, "mrope_section": [1, 1, 2]}), (), None),
    "qwen3_vl_moe_text": (
        "Qwen3VLMoeConfig",
        EXPERTS | dict(head_dim=12, num_experts=6, norm_topk_prob=True, decoder_sparse_step=1, mlp_only_layers=[2],
                       pad_token_id=0, rope_parameters={
                           "rope_type": "default", "rope_theta": 5000.0, "mrope_section": [2, 2, 2]}), (),
        ["experts", "experts", "dense", "experts"]),
    "deepseek_v32": (
        "DeepseekV32Config",
        LATENT | ROUTED | dict(v_head_dim=6, first_k_dense_replace=1, index_topk=32, index_head_dim=8, index_n_heads=2), (),
        ["dense", "experts", "experts", "experts"]),
    "glm_moe_dsa": (
        "GlmMoeDsaConfig",
        LATENT | ROUTED | dict(v_head_dim=6, first_k_dense_replace=1, index_topk=32, index_head_dim=8, index_n_heads=2,
                               indexer_types=["full", "full", "shared", "full"]), (),
        ["dense", "full", "shared", "full"]),
    "laguna": (
        "LagunaConfig",
        EXPERTS | dict(head_dim=8, num_experts=6, shared_expert_intermediate_size=24, moe_routed_scaling_factor=1.5,
                       sliding_window=5, attention_bias=True, moe_router_logit_softcapping=0.8,
                       num_attention_heads_per_layer=[4, 6, 6, 4],
                       layer_types=["full_attention", "sliding_attention", "sliding_attention", "full_attention"]), (),
        ["dense", "sliding", "sliding", "full"]),
    "laguna_by_element": (
        "LagunaConfig",
        EXPERTS | dict(head_dim=8, num_experts=6, shared_expert_intermediate_size=24, gating="per-element",
                       mlp_layer_types=["sparse"] * 3 + ["dense"]), (),
        ["experts", "experts", "experts", "dense"]),
    "bitnet": ("BitNetConfig", dict(hidden_act="relu2", rms_norm_eps=1e-3), (), None),
    "olmo_hybrid": (
        "OlmoHybridConfig",
        dict(linear_num_key_heads=2, linear_num_value_heads=4, linear_key_head_dim=6, linear_value_head_dim=5,
             rms_norm_eps=1e-3, pad_token_id=0, eos_token_id=2, rope_parameters={"rope_type": "default", "rope_theta": None},
             layer_types=["linear_attention", "full_attention", "linear_attention", "full_attention"]), (),
        ["linear", "full", "linear", "full"]),
    "olmo_hybrid_rotary": (
        "OlmoHybridConfig",
        dict(linear_num_key_heads=2, linear_num_value_heads=2, linear_key_head_dim=6, linear_value_head_dim=5,
             linear_allow_neg_eigval=False, rms_norm_eps=1e-3, pad_token_id=0, eos_token_id=2, rope_parameters={
                 "rope_type": "default", "rope_theta": 5000.0}), (), ["linear", "linear", "linear", "full"]),
    "longcat_flash": (
        "LongcatFlashConfig",
        dict(num_layers=3, ffn_hidden_size=40, expert_ffn_hidden_size=16, q_lora_rank=12, kv_lora_rank=8, qk_nope_head_dim=6,
             qk_rope_head_dim=4, v_head_dim=6, head_dim=4, n_routed_experts=4, zero_expert_num=2, moe_topk=3,
             routed_scaling_factor=1.5, rms_norm_eps=1e-3, rope_theta=5000.0),
        ("intermediate_size", "num_hidden_layers", "num_key_value_heads"), None),
    "xglm": (
        "XGLMConfig",
        dict(vocab_size=64, d_model=32, ffn_dim=40, num_layers=4, attention_heads=4, max_position_embeddings=64,
             pad_token_id=1, bos_token_id=0, eos_token_id=2), tuple(SIZES), None),
}
# The vision towers of the models that have one; their other keys are the language model's.
TOWERS = {
    "qwen2_vl_text": dict(
        depth=1, embed_dim=16, hidden_size=32, mlp_ratio=2, num_heads=2, patch_size=4, temporal_patch_size=1),
    "qwen3_vl_moe_text": dict(
        depth=2, hidden_size=16, intermediate_size=24, num_heads=2, patch_size=4, out_hidden_size=32,
        num_position_embeddings=16, temporal_patch_size=1, deepstack_visual_indexes=[]),
}
# Types that transformers has no classes for, and what those are called that compute the same.
SAME_AS = {"kimi_k2": "DeepseekV3"}
# What released files call keys that saving writes under other names.
RELEASED = {
    "exaone": {
        "num_hidden_layers": "num_layers", "rms_norm_eps": "layer_norm_epsilon", "hidden_act": "activation_function"},
}
# These return what leaves each layer, and not the embeddings.
WITHOUT_EMBEDDINGS = ("mamba", "mamba2", "falcon_mamba")
LENGTHS = (5, 11, 17)


def randomise(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.dim() > 1:
                parameter.copy_(noise * 0.15)
            else:
                # Norms around their neutral value, biases around zero.
                parameter.copy_(parameter + noise * 0.1)
        for name, buffer in model.named_buffers():
            if name.endswith(("expert_bias", "e_score_correction_bias")):
                buffer.copy_(torch.randn(buffer.shape, generator=generator) * 0.1)


def correct(model, seed):
    """Gives corrections of experts' scores values, where they are buffers."""
    generator = torch.Generator().manual_seed(seed + 2000)
    for name, buffer in model.named_buffers():
        if name.endswith("correction_bias"):
            buffer.copy_(torch.randn(buffer.shape, generator=generator) * 0.1)


def load(folder, **arguments):
    """A model in float32, by the class of its type."""
    config = json.loads((folder / "config.json").read_text())
    if config["model_type"] in SAME_AS:
        same = SAME_AS[config.pop("model_type")]
        loader = getattr(transformers, same + "ForCausalLM")
        arguments["config"] = getattr(transformers, same + "Config")(**config)
    elif "vision_config" in config:
        loader = transformers.AutoModelForImageTextToText
    else:
        loader = transformers.AutoModelForCausalLM
    return loader.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager", **arguments).eval()


def seed_of(name):
    """The seed that a reference was made with, which its folder records; that of a new one follows from its name."""
    recorded = pathlib.Path(name) / "meta.json"
    return json.loads(recorded.read_text())["seed"] if recorded.exists() else zlib.crc32(name.encode()) % 100000


def make(name, seed):
    cls, extra, without, kinds = MODELS[name]
    keys = {key: value for key, value in SIZES.items() if key not in without} | extra
    tower = TOWERS.get(name)
    config = getattr(transformers, cls)(**({"text_config": keys, "vision_config": tower} if tower else keys))
    torch.manual_seed(seed)
    loader = transformers.AutoModelForImageTextToText if tower else transformers.AutoModelForCausalLM
    model = loader.from_config(config, dtype=torch.float32)
    randomise(model, seed)
    correct(model, seed)
    folder = pathlib.Path(name)
    shutil.rmtree(folder, ignore_errors=True)
    model.to(torch.bfloat16).save_pretrained(folder / "model")
    loaded = load(folder / "model")
    rewrite(folder / "model" / "config.json", extra, RELEASED.get(name, {}))
    expected, hidden_max, logit_max = {}, 0.0, 0.0
    generator = torch.Generator().manual_seed(seed + 1000)
    for i, length in enumerate(LENGTHS):
        ids = torch.randint(3, 64, (1, length), generator=generator)
        with torch.no_grad():
            output = loaded(ids, output_hidden_states=True, use_cache=False)
        expected[f"input_ids.{i}"] = ids[0]
        states = output.hidden_states
        if name in WITHOUT_EMBEDDINGS:
            states = (loaded.get_input_embeddings()(ids), *states[:-2], states[-1])
        for k, state in enumerate(states):
            expected[f"hidden.{i}.{k}"] = state[0].contiguous()
            hidden_max = max(hidden_max, state.abs().max().item())
        expected[f"logits.{i}"] = output.logits[0].contiguous()
        logit_max = max(logit_max, output.logits.abs().max().item())
    save_file(expected, folder / "expected.safetensors")
    if name in SAME_AS:
        path = folder / "model" / "config.json"
        write(path, json.loads(path.read_text()) | {"model_type": name})
    layers = len(states) - 1
    kinds = kinds or ["full"] * layers
    refuse = [[l, m] for l in range(layers) for m in (1, 2, 3)
              if l + m < layers and len(set(kinds[l:l + m + 1])) > 1]
    write(folder / "collapse.json", {
        "family": name, "layers": layers, "layer_kinds": kinds, "refuse": refuse, "cases": []}
        | ({"config_section": "text_config"} if tower else {}))
    write(folder / "meta.json", {
        "transformers": transformers.__version__, "torch": torch.__version__.split("+")[0], "seed": seed,
        "max_abs_hidden": hidden_max, "max_abs_logit": logit_max})


def rewrite(path, extra, released):
    """Keeps keys as they were given where saving changes their style, and per-layer lists out where they follow from a rule."""
    config = json.loads(path.read_text())
    if "rope_scaling" in extra:
        del config["rope_parameters"]
        config["rope_scaling"], config["rope_theta"] = extra["rope_scaling"], extra["rope_theta"]
    for key in ("layer_types", "no_rope_layers", "layer_rope_theta", "mlp_layer_types"):
        if key not in extra:
            config.pop(key, None)
    for key in ("hidden_act", "first_k_dense_replace"):
        if key in extra:
            config[key] = extra[key]
    for key, older in released.items():
        config[older] = config.pop(key)
    write(path, config)


def write(path, content):
    path.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    for model_name in sys.argv[1:] or MODELS:
        make(model_name, seed_of(model_name))
        print(model_name)
