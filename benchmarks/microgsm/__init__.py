"""What the MicroGSM checkpoints are made of: their tokenizer, and the texts they are trained on."""
