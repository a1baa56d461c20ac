package a

func f() int {
	if true {
		return 1
	}
	return 2
}
