;; Takes memory and writes to it.
(module
  (memory (export "memory") 1)
  (func (export "run") (param i32) (result i32)
    (loop $again
      (memory.fill (i32.shl (memory.grow (i32.const 1)) (i32.const 16)) (i32.const 7) (i32.const 64))
      (br $again))
    (i32.const 0)))
