class A:
    def run(self):
        pass


class B:
    def run(self):
        pass

    def stop(self):
        return 1
