class A:
    def f(self):
        if self.x:
            return 3
        return 1

    x = 2
