package a

func f() {
	// one
	g()
	if x {
		h()
	}
}
