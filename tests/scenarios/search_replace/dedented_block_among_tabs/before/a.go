package a

func A() error {
	return nil
}
