;; Grows its memory page by page for ever.
(module
  (memory (export "memory") 1)
  (func (export "run") (param i32) (result i32)
    (loop $again (drop (memory.grow (i32.const 1))) (br $again))
    (i32.const 0)))
