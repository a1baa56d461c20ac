package a

func f() int {
	if true {
		g()
		return 1
	}
	return 2
}
