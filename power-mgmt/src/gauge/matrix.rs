//! Symmetric positive matrices, as much of them as least squares needs.

use alloc::vec;
use alloc::vec::Vec;

/// A symmetric matrix; both halves are kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Symmetric {
    size: usize,
    cells: Vec<f64>,
}

impl Symmetric {
    pub(super) fn zero(size: usize) -> Self {
        Self {
            size,
            cells: vec![0.0; size * size],
        }
    }

    pub(super) const fn size(&self) -> usize {
        self.size
    }

    pub(super) fn at(&self, row: usize, column: usize) -> f64 {
        self.cells[row * self.size + column]
    }

    /// Sets a cell and its mirror image.
    pub(super) fn set(&mut self, row: usize, column: usize, value: f64) {
        self.cells[row * self.size + column] = value;
        self.cells[column * self.size + row] = value;
    }

    /// Adds to a cell of the diagonal.
    pub(super) fn add_to_diagonal(&mut self, row: usize, value: f64) {
        self.cells[row * self.size + row] += value;
    }

    /// Adds `weight · jᵀ j` for a row vector given by its non-zero places, rising. Only the lower
    /// half is filled: [`mirror`](Self::mirror) when all rows are in.
    pub(super) fn add_square(&mut self, row: &[(usize, f64)], weight: f64) {
        for (n, &(i, left)) in row.iter().enumerate() {
            let scaled = weight * left;
            let cells = &mut self.cells[i * self.size..(i + 1) * self.size];
            for &(j, right) in &row[..=n] {
                cells[j] += scaled * right;
            }
        }
    }

    pub(super) fn mirror(&mut self) {
        for i in 0..self.size {
            for j in 0..i {
                self.cells[j * self.size + i] = self.cells[i * self.size + j];
            }
        }
    }

    /// The matrix times a vector.
    pub(super) fn times(&self, vector: &[f64]) -> Vec<f64> {
        self.cells
            .chunks_exact(self.size)
            .map(|row| dot(row, vector))
            .collect()
    }

    /// `L` with `L Lᵀ` equal to this; `None` when this is not positive.
    pub(super) fn cholesky(&self) -> Option<Cholesky> {
        let n = self.size;
        let mut lower = self.cells.clone();
        for i in 0..n {
            let (above, rest) = lower.split_at_mut(i * n);
            let row = &mut rest[..n];
            for j in 0..i {
                let other = &above[j * n..j * n + n];
                row[j] = (row[j] - dot(&row[..j], &other[..j])) / other[j];
            }
            let left = row[i] - dot(&row[..i], &row[..i]);
            if !(left > 0.0 && left.is_finite()) {
                return None;
            }
            row[i] = libm::sqrt(left);
            for cell in &mut row[i + 1..] {
                *cell = 0.0;
            }
        }
        Some(Cholesky { size: n, lower })
    }
}

/// The lower triangular root of a positive matrix.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cholesky {
    size: usize,
    lower: Vec<f64>,
}

impl Cholesky {
    /// From the rows of a lower triangle; `None` when a diagonal is not positive or a cell is not finite.
    pub(super) fn from_rows(size: usize, mut triangle: impl Iterator<Item = f64>) -> Option<Self> {
        let mut lower = vec![0.0; size * size];
        for i in 0..size {
            for j in 0..=i {
                let cell = triangle.next()?;
                if !cell.is_finite() || (i == j && cell <= 0.0) {
                    return None;
                }
                lower[i * size + j] = cell;
            }
        }
        Some(Self { size, lower })
    }

    /// The cells of the lower triangle, row by row.
    pub(super) fn rows(&self) -> impl Iterator<Item = f64> + '_ {
        let rows = self.lower.chunks_exact(self.size).enumerate();
        rows.flat_map(|(i, row)| row[..=i].iter().copied())
    }

    /// `L x = b`, solved for `x`.
    pub(super) fn forward(&self, b: &[f64]) -> Vec<f64> {
        let mut x: Vec<f64> = Vec::with_capacity(self.size);
        for (row, b) in self.lower.chunks_exact(self.size).zip(b) {
            let i = x.len();
            x.push((b - dot(&row[..i], &x)) / row[i]);
        }
        x
    }

    /// `L Lᵀ x = b`, solved for `x`.
    pub(super) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let mut x = self.forward(b);
        for i in (0..self.size).rev() {
            let row = &self.lower[i * self.size..(i + 1) * self.size];
            x[i] /= row[i];
            let (left, right) = x.split_at_mut(i);
            for (cell, factor) in left.iter_mut().zip(row) {
                *cell -= factor * right[0];
            }
        }
        x
    }

    /// Half of the logarithm of the determinant of `L Lᵀ`.
    pub(super) fn half_log_determinant(&self) -> f64 {
        let diagonal = self.lower.iter().step_by(self.size + 1);
        diagonal.map(|cell| libm::log(*cell)).sum()
    }

    /// The inverse of `L Lᵀ`.
    pub(super) fn inverse(&self) -> Symmetric {
        let mut inverse = Symmetric::zero(self.size);
        let mut unit = vec![0.0; self.size];
        for i in 0..self.size {
            unit[i] = 1.0;
            let column = self.solve(&unit);
            unit[i] = 0.0;
            for (j, cell) in column.iter().enumerate().take(i + 1) {
                inverse.set(i, j, *cell);
            }
        }
        inverse
    }

    /// `L Lᵀ`.
    pub(super) fn square(&self) -> Symmetric {
        let mut square = Symmetric::zero(self.size);
        for (i, left) in self.lower.chunks_exact(self.size).enumerate() {
            for (j, right) in self.lower.chunks_exact(self.size).enumerate().take(i + 1) {
                square.set(i, j, dot(left, right));
            }
        }
        square
    }
}

pub(super) fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn example() -> Symmetric {
        let mut m = Symmetric::zero(3);
        for (i, j, v) in [
            (0, 0, 4.0),
            (1, 0, 2.0),
            (1, 1, 5.0),
            (2, 0, 0.6),
            (2, 1, -1.0),
            (2, 2, 3.0),
        ] {
            m.set(i, j, v);
        }
        m
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-12, "{a} {b}");
    }

    #[test]
    fn solving_undoes_multiplying() {
        let (m, x) = (example(), [1.0, -2.0, 0.5]);
        let back = m.cholesky().unwrap().solve(&m.times(&x));
        back.iter().zip(x).for_each(|(a, b)| close(*a, b));
    }

    #[test]
    fn the_inverse_and_the_square_fit_together() {
        let m = example();
        let root = m.cholesky().unwrap();
        let inverse = root.inverse();
        for i in 0..3 {
            let column: Vec<f64> = (0..3).map(|j| inverse.at(j, i)).collect();
            let unit = m.times(&column);
            (0..3).for_each(|j| close(unit[j], if i == j { 1.0 } else { 0.0 }));
            (0..3).for_each(|j| close(root.square().at(i, j), m.at(i, j)));
        }
        let copy = Cholesky::from_rows(3, root.rows()).unwrap();
        assert_eq!(copy, root);
        close(libm::exp(2.0 * root.half_log_determinant()), 39.8);
    }

    #[test]
    fn what_is_not_positive_has_no_root() {
        let mut m = example();
        m.set(1, 1, -5.0);
        assert_eq!(m.cholesky(), None);
        assert_eq!(Cholesky::from_rows(1, [f64::NAN].into_iter()), None);
        assert_eq!(Cholesky::from_rows(2, [1.0].into_iter()), None);
    }

    #[test]
    fn squares_of_sparse_rows_add_up() {
        let mut m = Symmetric::zero(3);
        m.add_square(&[(0, 2.0), (2, 3.0)], 0.5);
        m.mirror();
        assert_eq!((m.at(0, 0), m.at(0, 2), m.at(2, 2)), (2.0, 3.0, 4.5));
        assert_eq!((m.at(1, 1), m.size()), (0.0, 3));
    }
}
