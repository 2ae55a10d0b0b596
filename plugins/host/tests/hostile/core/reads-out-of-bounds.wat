;; Reads behind its memory.
(module
  (memory (export "memory") 1)
  (func (export "run") (param i32) (result i32) (i32.load (i32.const -4))))
