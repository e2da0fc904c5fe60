"""What care a lead gets before sales has it, and the evidence of it."""
