//! The cuts of a link, in two layers: by pairs of nodes, and by a partition. A link is open if it is cut by neither.

use crate::network::order::{OrderNumber, Orders};

/// Which cuts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// Those of two nodes: `cut`, `isolate`, `breakConnection`.
    Pair,
    /// Those of a partition.
    Partition,
}

/// Who has cut a link.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cuts {
    pair: Option<OrderNumber>,
    partition: Option<OrderNumber>,
}

impl Cuts {
    pub fn are_any(&self) -> bool {
        self.pair.is_some() || self.partition.is_some()
    }

    pub fn is_cut(&self, layer: Layer) -> bool {
        match layer {
            Layer::Pair => self.pair.is_some(),
            Layer::Partition => self.partition.is_some(),
        }
    }

    /// Cuts a layer, also in the place of another order.
    pub fn cut(&mut self, layer: Layer, order: OrderNumber, orders: &mut Orders) {
        self.layer(layer).replace(order).into_iter().for_each(|order| orders.lift(order));
    }

    /// Mends a layer. Was it cut?
    pub fn mend(&mut self, layer: Layer, orders: &mut Orders) -> bool {
        let was_cut = self.layer(layer).take();
        was_cut.into_iter().for_each(|order| orders.lift(order));
        was_cut.is_some()
    }

    /// So many messages do not pass: each layer alone would have stopped them.
    pub fn touch(&self, messages: u64, orders: &mut Orders) {
        for order in [self.pair, self.partition].into_iter().flatten() {
            orders.touch(order, messages);
        }
    }

    fn layer(&mut self, layer: Layer) -> &mut Option<OrderNumber> {
        match layer {
            Layer::Pair => &mut self.pair,
            Layer::Partition => &mut self.partition,
        }
    }
}
