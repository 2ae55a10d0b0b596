;; Declares a table of ten million entries.
(module
  (table 10000000 funcref)
  (func (export "run") (param i32) (result i32) (i32.const 0)))
