print("winback")
