class A:
    def f(self):
        x = 1
        y = 2
        if x:
            return y
        return x
