/** 10 000 digits of MNIST by class; each image 784 grey values 0 … 1 by rows, all of a class in one array. */
declare module 'mnist' {
  const classes: ReadonlyArray<{ readonly raw: readonly number[]; readonly length: number }>;
  export default classes;
}
