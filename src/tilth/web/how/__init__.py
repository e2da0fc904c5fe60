"""How each rule and figure is computed: the pages of docs/algorithms, inside the product."""
