import "vue";

declare module "vue" {
  // Data attributes are free for our own use; the templates are checked strictly otherwise.
  interface HTMLAttributes {
    [name: `data-${string}`]: string | number | undefined;
  }
}
