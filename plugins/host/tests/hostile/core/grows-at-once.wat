;; Asks for 4 GiB in one instruction.
(module
  (memory (export "memory") 1)
  (func (export "run") (param i32) (result i32) (memory.grow (i32.const 65535))))
