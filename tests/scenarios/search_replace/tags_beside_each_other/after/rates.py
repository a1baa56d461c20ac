RATE = 2

TAX = 3
